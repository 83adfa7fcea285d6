import * as pulumi from "@pulumi/pulumi";

/**
 * The engine marks what the provider returns as secret by the name of a secret input. The checked rules have other
 * names than the raw ones, so where a template holds a secret, these names are marked too.
 */
export function secretMarks(templates: unknown, sets: unknown): pulumi.Inputs {
    const mark = Promise.all([pulumi.isSecret(pulumi.output(templates)), pulumi.isSecret(pulumi.output(sets))]).then(
        (secret) => (secret.includes(true) ? pulumi.secret("secret") : undefined),
    );
    return { rules: mark, exposure: mark, sets: mark, __sets: mark };
}
