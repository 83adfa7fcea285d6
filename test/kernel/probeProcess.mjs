import { loadTypescript } from "./loadTypescript.mjs";

loadTypescript("./probeProcess.ts", import.meta.url);
