import { parseBoundedJson, UnboundedJson } from "../../../model/boundedJson";
import { isOurComment } from "../../ruleComment";
import { UnreadableRuleset } from "../../unreadable";
import { isLayoutIdentifier, TABLE } from "../identifiers";

type Json = Readonly<Record<string, unknown>>;

const CHAINS = ["input", "output"];

/** A listing of our table without the chains of others, and without their rules in ours. */
export function ownListing(listing: string): string {
    const { nftables } = record(parsed(listing));
    const objects = Array.isArray(nftables) ? nftables.map(record) : [];
    return JSON.stringify({ nftables: objects.filter((object) => !isForeign(object)) });
}

function isForeign({ chain, rule }: Json): boolean {
    if (chain !== undefined) return !isOurChain(record(chain), "name");
    if (rule === undefined) return false;
    const { comment } = record(rule);
    return !isOurChain(record(rule), "chain") || typeof comment !== "string" || !isOurComment(comment);
}

function isOurChain(object: Json, key: "name" | "chain"): boolean {
    const name = object[key];
    if (object.table !== TABLE || typeof name !== "string") return false;
    return CHAINS.includes(name) || (isLayoutIdentifier(name) && object.hook === undefined);
}

function parsed(listing: string): unknown {
    try {
        return parseBoundedJson(listing);
    } catch (error) {
        throw new UnreadableRuleset(error instanceof UnboundedJson ? error.message : "it is not JSON");
    }
}

function record(json: unknown): Json {
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Json) : {};
}
