import { createHash } from "node:crypto";
import { type Limit, limitUnits } from "../../model/rule";
import { formatLimit, SECONDS } from "../../model/ruleOptions";
import type { BucketLimit, Match } from "./line";
import { HASHLIMIT_PARTS, pauseOf } from "./rates";

/**
 * The limit of a rule that a bucket holds. Its unit follows from when sources are forgotten; where several rates come to the
 * same, the name of the bucket, which is a hash over it, says which was meant.
 */
export function foldLimit({ rate, burst, sourceBits, name, expire }: BucketLimit, key: string): Limit | undefined {
    const per = limitUnits.find((unit) => SECONDS[unit] * 1000 === expire);
    if (!per) return undefined;
    const seconds = SECONDS[per];
    const pause = pauseOf(rate, HASHLIMIT_PARTS);
    // What is printed may be loaded with a pause that is longer by one.
    for (const each of [pause, pause - 1].filter((parts) => parts > 0)) {
        const largest = Math.floor((HASHLIMIT_PARTS * seconds) / each);
        const smallest = Math.floor((HASHLIMIT_PARTS * seconds) / (each + 1)) + 1;
        // Of very many only the round ones: who asks for 55,556 packets a second?
        const step = 10 ** Math.max(0, Math.ceil(Math.log10((largest - smallest + 1) / MOST_TRIED)));
        for (let count = Math.floor(largest / step) * step; count >= smallest; count -= step) {
            const limit: Limit = { rate: count, per, burst, perSource: sourceBits !== undefined };
            if (bucketName(key, limit) === name) return limit;
        }
    }
    return undefined;
}

function bucketName(key: string, limit: Limit): string {
    const hash = createHash("sha256").update(`${key} ${formatLimit(limit)}`);
    return `l${hash.digest("hex").slice(0, 8)}`;
}

/** A host may list thousands of limits. */
const MOST_TRIED = 100;

/** What holds back how many lines are logged. */
export function isLogLimit(limit: Match["ownLimit"]): boolean {
    return limit?.rate.count === 10 && limit.rate.seconds === 60 && limit.burst === 10;
}
