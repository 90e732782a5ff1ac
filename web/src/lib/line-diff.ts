// Line by line comparison of two texts (longest common subsequence).

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  /** Line number in the new text, or in the old one for a removed line; from 1. */
  number: number;
}

// Above this many cells the table would cost more than it tells; the texts are then shown as wholly replaced.
const MAX_CELLS = 4_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail))
    tail++;
  const same = (from: number, to: number): DiffLine[] =>
    b.slice(from, to).map((text, index) => ({ kind: "same", text, number: from + index + 1 }));
  return [
    ...same(0, head),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head),
    ...same(b.length - tail, b.length),
  ];
}

function middle(a: string[], b: string[], offset: number): DiffLine[] {
  const width = b.length + 1;
  const removed = (i: number): DiffLine => ({
    kind: "removed",
    text: a[i] ?? "",
    number: offset + i + 1,
  });
  const added = (j: number): DiffLine => ({
    kind: "added",
    text: b[j] ?? "",
    number: offset + j + 1,
  });
  if ((a.length + 1) * width > MAX_CELLS)
    return [...a.map((_, i) => removed(i)), ...b.map((_, j) => added(j))];

  const lengths = new Uint32Array((a.length + 1) * width);
  const cell = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: b[j] ?? "", number: offset + j + 1 });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && cell(i + 1, j) >= cell(i, j + 1))) {
      lines.push(removed(i++));
    } else {
      lines.push(added(j++));
    }
  }
  return lines;
}

export type DiffPart = DiffLine | { kind: "skipped"; count: number };

/** Leaves out unchanged lines that are further than `context` from any change. */
export function withContext(lines: DiffLine[], context = 3): DiffPart[] {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let index = at - context; index <= at + context; index++) near.add(index);
  });
  const parts: DiffPart[] = [];
  lines.forEach((line, at) => {
    const last = parts.at(-1);
    if (near.has(at)) parts.push(line);
    else if (last?.kind === "skipped") last.count++;
    else parts.push({ kind: "skipped", count: 1 });
  });
  return parts;
}
