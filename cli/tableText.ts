/** Rows of the same fields as a table of plain text, a column for each field. At least one row. */
export function tableText(rows: readonly Readonly<Record<string, string>>[]): string {
    const names = Object.keys(rows[0]!);
    const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
    const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
    return lines
        .map((line) => `   ${line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")}`.trimEnd())
        .join("\n");
}
