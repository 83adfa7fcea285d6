import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiDocument, openDocument } from "../shared/document";

export type { ApiDocument, FieldProblem, JsonSchema, Route } from "../shared/document";

export const apiDocument = JSON.parse(readFileSync(join(__dirname, "openapi.json"), "utf8")) as ApiDocument;

/** The operation of the document that a request is for; `path` without the base. */
export const findRoute = openDocument(apiDocument).find;
