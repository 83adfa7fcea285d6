/**
 * Rule sets of a given size, the same every time: as users write them, mostly apart from each other, and some that are not.
 * Each is the rules of one template, as canonical lines.
 */
export const mixes = {
    "ports-heavy": (count) =>
        lines(count, (i, random) => {
            const port = 1024 + ((i * 7) % 60000);
            return `accept ${i % 3 ? "tcp" : "udp"} from ${i % 4 ? "anywhere" : prefix(random)} to port ${port}`;
        }),
    "address-heavy": (count) =>
        lines(
            count,
            (i, random) => `accept tcp from ${prefix(random, 24 + (i % 9))} to port ${COMMON[i % COMMON.length]}`,
        ),
    "overlapping prefixes": (count) =>
        lines(
            count,
            (i, random) => `accept tcp from ${prefix(random, 8 + (i % 25))} to port ${COMMON[random(COMMON.length)]}`,
        ),
    "overlapping port ranges": (count) =>
        lines(count, (i, random) => {
            const first = 1 + random(60000);
            return `accept tcp from ${prefix(random, 16)} to port ${first}-${first + random(200)}`;
        }),
    "drops over accepts": (count) =>
        lines(count, (i, random) =>
            i % 2 ? `drop any from ${prefix(random, 24)}` : `accept tcp from anywhere to port ${1024 + (i % 60000)}`,
        ),
    IPv6: (count) =>
        lines(count, (i, random) => `accept tcp from ${prefix6(random)} to port ${COMMON[i % COMMON.length]}`),
};

const COMMON = [22, 80, 443, 3306, 5432, 6379, 8080, 9100, 25, 53];

function lines(count, line) {
    let seed = 42;
    const random = (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
    };
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`r${i}`, line(i, random)]));
}

function prefix(random, length = 24) {
    const address = ((20 + random(180)) * 2 ** 24 + random(2 ** 24)) >>> 0;
    const start = length === 0 ? 0 : (address >>> (32 - length)) * 2 ** (32 - length);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${length}`;
}

function prefix6(random) {
    return `2001:db8:${random(65536).toString(16)}:${random(65536).toString(16)}::/64`;
}
