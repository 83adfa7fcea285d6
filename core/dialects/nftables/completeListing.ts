import { createHash } from "node:crypto";
import { parseBoundedJson } from "../../model/boundedJson";
import { formatAddress } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import { partsByLength } from "./largeSets";

const LARGE = /^large ([0-9a-f]{64})$/;

/**
 * A listing that left the elements of large sets out (host/nftLarge.sh), with those of the policy, if by their digest they are
 * these; undefined if not. One that left nothing out is whole as it is.
 */
export function completeListing(listing: string, policy: Policy): string | undefined {
    const text = listing.trimEnd();
    const start = text.lastIndexOf("\n") + 1;
    const digest = LARGE.exec(text.slice(start))?.[1];
    if (digest === undefined) return listing;
    const elements = largeElements(policy);
    if (digest !== digestOf(elements)) return undefined;
    const short = text.slice(0, start);
    return elements.size === 0 ? short : filled(short, elements);
}

/** By the set of nft that holds them. */
function largeElements({ sets }: Policy): ReadonlyMap<string, readonly string[]> {
    const parts = sets.flatMap(({ name, ranges }) =>
        ([4, 6] as const).flatMap((family) => partsByLength(name, family, ranges) ?? []),
    );
    return new Map(
        parts.map(({ identifier, prefixes }) => [
            identifier,
            prefixes.map(({ family, address }) => formatAddress(family, address)),
        ]),
    );
}

function digestOf(elements: ReadonlyMap<string, readonly string[]>): string {
    const lines = [...elements].flatMap(([identifier, some]) => some.map((element) => `${identifier} ${element}\n`));
    return createHash("sha256").update(lines.sort().join("")).digest("hex");
}

interface Listed {
    readonly nftables?: readonly { readonly set?: { readonly name?: unknown } }[];
}

/** What is no listing stays as it is: whoever reads it says so. */
function filled(short: string, elements: ReadonlyMap<string, readonly string[]>): string {
    try {
        const listed = parseBoundedJson(short) as Listed | null;
        if (!Array.isArray(listed?.nftables)) return short;
        const objects = (listed.nftables as NonNullable<Listed["nftables"]>).map((object) => {
            const elem = typeof object?.set?.name === "string" ? elements.get(object.set.name) : undefined;
            return elem ? { set: { ...object.set, elem } } : object;
        });
        return JSON.stringify({ nftables: objects });
    } catch {
        return short;
    }
}
