/** A generator of numbers that gives the same ones for the same seed. */
export interface Random {
    /** A whole number from 0 to `count - 1`. */
    below(count: number): number;
    /** True that often, 0 to 1. */
    chance(probability: number): boolean;
    pick<T>(items: readonly T[]): T;
    /** A whole number of this many bits. */
    bits(count: number): bigint;
}

/** Any number of seeds, such as a run's and a ruleset's, make one. (sfc32: Chris Doty-Humphrey's small fast counter.) */
export function randomFrom(...seeds: readonly number[]): Random {
    let [a, b, c, counter] = [0x9e3779b9, seeds[0] ?? 0, seeds[1] ?? 0, 1];
    const next = () => {
        const sum = (((a + b) | 0) + counter) | 0;
        counter = (counter + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (((c << 21) | (c >>> 11)) + sum) | 0;
        return sum >>> 0;
    };
    for (let i = 0; i < 15; i++) next();
    const below = (count: number) => Math.floor((next() / 2 ** 32) * count);
    return {
        below,
        chance: (probability) => next() / 2 ** 32 < probability,
        pick: (items) => items[below(items.length)]!,
        bits(count) {
            let number = 0n;
            for (let had = 0; had < count; had += 32) number = (number << 32n) | BigInt(next());
            return BigInt.asUintN(count, number);
        },
    };
}
