/** A listener for the chunks of a stream that calls `found` each time `text` has come, in however many chunks. */
export function watchForText(text: string, found: () => void): (chunk: Buffer) => void {
    // Only as much is kept as the beginning of the text can be; a text that begins a line may begin the stream too.
    let rest = "\n";
    return (chunk) => {
        rest += chunk.toString("latin1");
        for (let at = rest.indexOf(text); at !== -1; at = rest.indexOf(text)) {
            rest = rest.slice(at + text.length);
            found();
        }
        rest = rest.slice(Math.max(0, rest.length - text.length));
    };
}
