import fc from "fast-check";
import { presetNames, type TemplateData } from "../../core/model/templateData";
import { ruleFields } from "./arbitraries";

type Data = TemplateData<unknown>;

/** Templates as data, some levels deep, over few names so that they meet. */
const rule = fc.oneof(
    { weight: 4, arbitrary: ruleFields },
    fc.constantFrom("accept tcp from anywhere to port 22", " drop any  from 10.0.0.0/8,set vpn"),
);
const ruleName = fc.constantFrom("ssh", "http", "dns", "a", "constructor");
export const { template } = fc.letrec<{ template: Data; parents: Data["extends"] }>((tie) => ({
    template: fc.record(
        {
            description: fc.constant("for tests"),
            extends: tie("parents"),
            rules: fc.dictionary(ruleName, rule),
            requires: fc.record({ egress: fc.constantFrom("drop" as const, "accept" as const) }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
    ) as fc.Arbitrary<Data>,
    parents: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom(...presetNames),
        fc.array(fc.oneof({ maxDepth: 2 }, fc.constantFrom(...presetNames), tie("template")), {
            minLength: 1,
            maxLength: 3,
        }) as fc.Arbitrary<Data["extends"]>,
    ),
}));
