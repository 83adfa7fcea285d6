import { readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { readAddressFile } from "../core/model/addressFile";
import type { Lines } from "../core/model/checkSets";
import { diagnostic, quote } from "../core/model/diagnostics";

/** A path, or an asset that holds a path or the text itself. */
export type AddressFile = string | pulumi.asset.FileAsset | pulumi.asset.StringAsset;

/** The addresses of a file as they travel to the provider. Throws where there are mistakes, all of them in one error. */
export async function linesOfFile(file: unknown): Promise<Lines> {
    const { name, text } = await contentOf(file);
    const { lines, problems } = readAddressFile(text, name);
    if (problems.length > 0) throw new pulumi.RunError(problems.map(({ message }) => message).join("\n"));
    return { lines };
}

async function contentOf(file: unknown): Promise<{ name: string; text: string }> {
    // An asset that came through an Output is of no class any more.
    const asset = pulumi.asset.Asset.isInstance(file) ? (file as Partial<Record<"path" | "text", unknown>>) : undefined;
    const [text, path] = [await asset?.text, asset ? await asset.path : file];
    if (typeof text === "string") return { name: "the text", text };
    if (typeof path !== "string" || path.trim() === "")
        throw new pulumi.RunError(diagnostic("VF010", { field: "file", meaning: "no file" }).message);
    try {
        if (!statSync(path).isFile()) throw new Error("it is no file");
        return { name: quote(path), text: readFileSync(path, "utf8") };
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new pulumi.RunError(diagnostic("VF040", { file: quote(path), reason }).message);
    }
}
