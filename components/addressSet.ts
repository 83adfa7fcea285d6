import * as pulumi from "@pulumi/pulumi";
import { type StoredSet, storeSet } from "../core/model/addressSets";
import { checkSets, travelling } from "../core/model/checkSets";
import { type AddressFile, linesOfFile } from "./addressFile";
import { rawSets } from "./rawSets";
import { isLater, rawValue } from "./rawValue";
import type { Server } from "./server";

/**
 * An address, prefix or range, an `Output` of one or of several, a `HostFirewall` (all of its addresses), or, where servers
 * name each other, a function that gives the servers once they are all made.
 */
export type AddressEntry = pulumi.Input<string> | pulumi.Input<string[]> | Server | (() => Server | Server[]);

/** At least one of `entries`, `sets` and `file` (VF041). The set is all that these hold, without what `except` holds. */
export interface AddressSetArgs {
    /**
     * Addresses, prefixes and ranges of both families, in any order; overlapping ones are merged. A `HostFirewall` stands
     * for its addresses. An `Output` that is not known in a preview reads `(not known yet)`.
     * An empty list is allowed and matches nothing. Errors: VF001, VF002, VF004, VF005, each naming the entry; VF010, VF044.
     * @example ["198.51.100.0/24", "2001:db8:77::/48", "192.0.2.20-192.0.2.23", server.ipv4Address, web1]
     */
    entries?: pulumi.Input<pulumi.Input<string>[]> | AddressEntry[];
    /**
     * Other sets whose addresses belong to this one too.
     * @example [office, vpn]
     */
    sets?: AddressSet[];
    /**
     * A file with an address, prefix or range a line; empty lines, and whatever stands behind `#` or `;`, say nothing. A
     * path, from the folder in which the program runs, or an asset. It is read when the program runs; a million lines take
     * about two seconds. Errors: VF040 (can't be read), VF001, VF002, VF004, VF005, each naming the line; VF010, VF043.
     * @example "blocked.txt"
     * @example new pulumi.asset.StringAsset(list)
     */
    file?: pulumi.Input<AddressFile>;
    /**
     * What is taken out at the end: entries as above, and sets. While a part of it is not known yet, previews count no
     * address of this set as surely in it. Errors: as for `entries`.
     * @default nothing
     * @example ["198.51.100.7", partners]
     */
    except?: pulumi.Input<pulumi.Input<string>[]> | (AddressEntry | AddressSet)[];
}

/**
 * A named set of addresses that rules refer to. A change of an entry shows as one line; of more than 256 prefixes, previews
 * show how many there are and a digest.
 *
 * The name has a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012).
 *
 * @example
 * const office = new AddressSet("office", { entries: ["198.51.100.0/24", "2001:db8:77::/48"] });
 * new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: office } } });
 * @example
 * const blocked = new AddressSet("blocked", { file: "blocked.txt", except: [office] });
 */
export class AddressSet extends pulumi.ComponentResource {
    /** The name under which rules and previews refer to it. */
    readonly setName: string;
    /** Its canonical prefixes; of more than 256, their count and digest. */
    readonly entries: pulumi.Output<StoredSet>;
    /** @internal What targets hand to their provider; `parts` by their names. */
    readonly raw: Record<string, unknown>;
    /** @internal The sets that it is made of. */
    readonly parts: readonly AddressSet[];

    constructor(name: string, args: AddressSetArgs, opts?: pulumi.ComponentResourceOptions) {
        const { raw, parts } = rawSet(args);
        const entries = pulumi.output({ ...rawSets(parts), [name]: raw }).apply((sets) => canonicalEntries(name, sets));
        super("vpsfw:index:AddressSet", name, { entries }, opts);
        this.setName = name;
        this.entries = entries;
        this.raw = raw;
        this.parts = parts;
        this.registerOutputs({ entries });
    }
}

/** Fields that are given but undefined travel as "", which is an error. */
function rawSet(args: AddressSetArgs): { raw: Record<string, unknown>; parts: AddressSet[] } {
    const excepted = setsIn(args.except);
    const inForm: Record<string, (value: unknown) => unknown> = {
        entries: rawList,
        except: (value) => rawList(Array.isArray(value) ? value.filter((item) => !isSet(item)) : value),
        sets: (value) => (Array.isArray(value) ? value.map((set) => (isSet(set) ? set.setName : "")) : (value ?? "")),
        file: (value) => pulumi.output(value as pulumi.Input<string>).apply(linesOfFile),
    };
    const fields = Object.entries(args).map(([field, value]) => [field, inForm[field]?.(value) ?? value ?? ""]);
    const exceptSets = excepted.map(({ setName }) => setName);
    return {
        raw: { ...Object.fromEntries(fields), ...(excepted.length > 0 && { exceptSets }) },
        parts: [...setsIn(args.sets), ...excepted],
    };
}

function isSet(value: unknown): value is AddressSet {
    return value instanceof AddressSet;
}

function setsIn(list: unknown): AddressSet[] {
    return Array.isArray(list) ? list.filter(isSet) : [];
}

function rawList(list: unknown): unknown {
    const raw = rawValue(list, () => undefined);
    const inForm = (known: unknown) => (Array.isArray(known) ? travelling(known) : known);
    return isLater(raw) ? pulumi.output(raw).apply(inForm) : inForm(raw);
}

/** As the state of a target keeps it. What is wrong with an entry is said by the target's check. */
function canonicalEntries(name: string, raw: Record<string, unknown>): StoredSet {
    const { sets, problems } = checkSets(raw);
    const set = sets.find((each) => each.name === name);
    return set && problems.length === 0 ? storeSet(set).stored : { "(not valid)": true };
}
