/** Something that stands in the chain of a family. */
export interface Entry<Value> {
    /** The same for what is the same in both families; unique in each. */
    readonly id: string;
    /** A rule of ours is one rule, wherever its lines stand; of others, lines in another order are not the same. */
    readonly own: boolean;
    /** Where the families leave open what comes first, the lower does. */
    readonly rank: number;
    readonly value: Value;
}

export interface Merged<Value> {
    readonly 4?: Value;
    readonly 6?: Value;
}

/**
 * Both families in one order, which is that of each. Where rules of ours stand in another order in IPv6, that of IPv4 is
 * taken, and `agree` is false.
 */
export function mergeFamilies<Value>(
    ipv4: readonly Entry<Value>[],
    ipv6: readonly Entry<Value>[],
): { readonly merged: readonly Merged<Value>[]; readonly agree: boolean } {
    const places = { 4: placesOf(ipv4), 6: placesOf(ipv6) };
    const taken = new Set<Entry<Value>>();
    const merged: Merged<Value>[] = [];
    let agree = true;
    let [i, j] = [0, 0];
    for (;;) {
        while (i < ipv4.length && taken.has(ipv4[i]!)) i++;
        while (j < ipv6.length && taken.has(ipv6[j]!)) j++;
        const [a, b] = [ipv4[i], ipv6[j]];
        if (!a && !b) return { merged, agree };
        if (a && b && a.id === b.id) take(a, b);
        else {
            const laterB = a && later(places[6], ipv6, a, j);
            const laterA = b && later(places[4], ipv4, b, i);
            if (!b || (a && !laterB && (laterA || a.rank <= b.rank))) take(a, undefined);
            else if (!a || !laterA) take(undefined, b);
            else if (!a.own) take(a, undefined);
            else if (!b.own) take(undefined, b);
            else {
                agree = false;
                take(a, laterB);
            }
        }
    }

    function take(a: Entry<Value> | undefined, b: Entry<Value> | undefined): void {
        merged.push({ ...(a && { 4: a.value }), ...(b && { 6: b.value }) });
        if (a) taken.add(a);
        if (b) taken.add(b);
    }

    /** The same in the other family, where it still comes. */
    function later(
        place: ReadonlyMap<string, number>,
        others: readonly Entry<Value>[],
        { id }: Entry<Value>,
        from: number,
    ): Entry<Value> | undefined {
        const at = place.get(id);
        return at !== undefined && at >= from && !taken.has(others[at]!) ? others[at] : undefined;
    }
}

function placesOf<Value>(entries: readonly Entry<Value>[]): ReadonlyMap<string, number> {
    return new Map(entries.map(({ id }, index) => [id, index]));
}
