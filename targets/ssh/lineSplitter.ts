import { StringDecoder } from "node:string_decoder";
import { printable } from "../../core/model/diagnostics";

/** Cuts a stream of UTF-8 into printable lines; the last one needs no line end. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    return {
        push(chunk) {
            const lines = (rest + decoder.write(chunk)).split("\n");
            rest = lines.pop() ?? "";
            for (const line of lines) onLine(printable(line.replace(/\r$/, "")));
        },
        end() {
            if (rest !== "") onLine(printable(rest));
            rest = "";
        },
    };
}
