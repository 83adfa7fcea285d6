import * as pulumi from "@pulumi/pulumi";
import { type StoredSet, storeSet } from "../core/model/addressSets";
import { checkSets } from "../core/model/checkSets";

export interface AddressSetArgs {
    /**
     * Addresses, prefixes and ranges of both families, in any order; overlapping ones are merged.
     * An empty list is allowed and matches nothing. Errors: VF001, VF002, VF004, VF005, each naming the entry.
     * @example ["198.51.100.0/24", "2001:db8:77::/48", "192.0.2.20-192.0.2.23"]
     */
    entries: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A named set of addresses that rules refer to. A change of an entry shows as one line.
 *
 * The name has a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012).
 *
 * @example
 * const office = new AddressSet("office", { entries: ["198.51.100.0/24", "2001:db8:77::/48"] });
 * new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: office } } });
 */
export class AddressSet extends pulumi.ComponentResource {
    /** The name under which rules and previews refer to it. */
    readonly setName: string;
    /** The entries as they were given. */
    readonly entries: pulumi.Output<string[]>;

    constructor(name: string, args: AddressSetArgs, opts?: pulumi.ComponentResourceOptions) {
        const entries = pulumi.output(args.entries);
        const canonical = entries.apply(canonicalEntries);
        super("vpsfw:index:AddressSet", name, { entries: canonical }, opts);
        this.setName = name;
        this.entries = entries;
        this.registerOutputs({ entries: canonical });
    }
}

/** As the state of a target keeps it. Entries that can't be read stand as they are: the target's check names them. */
function canonicalEntries(entries: string[]): StoredSet {
    const { sets, problems } = checkSets({ set: { entries } });
    const [set] = sets;
    if (set && problems.length === 0) return storeSet(set).stored;
    return Object.fromEntries(entries.map((entry) => [String(entry), true as const]));
}
