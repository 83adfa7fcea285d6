import type { AddressRange } from "./addresses";
import type { Rule } from "./rule";

/** What a target does with a new packet that no rule matches. */
export interface Defaults {
    readonly ingress: "accept" | "drop";
    readonly egress: "accept" | "drop";
}

/** A rule with the key under which it is stored and shown: `<template>/<rule>`. */
export interface KeyedRule {
    readonly key: string;
    readonly rule: Rule;
}

/** An address set with its entries, merged. Its name is the user's and never becomes an identifier of a packet filter. */
export interface NamedSet {
    readonly name: string;
    readonly ranges: readonly AddressRange[];
    /** Some entry is not known yet (in a preview); such a set is never applied. */
    readonly unknown?: boolean;
}

/** All that one target has to enforce: what every dialect renders and what every parser gives back. */
export interface Policy {
    /** In deciding order: the first rule that matches decides. Disabled rules are left out. */
    readonly rules: readonly KeyedRule[];
    readonly sets: readonly NamedSet[];
    readonly defaults: Defaults;
    /** Ports that containers publish are decided like the host's own, by their published number; absent: they pass by. */
    readonly forward?: "containers";
    /** Keys of rules of which more than addresses and ports is not known yet (in a preview). */
    readonly unknownRules?: readonly string[];
}
