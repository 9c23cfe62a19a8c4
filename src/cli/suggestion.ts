/**
 * What somebody may have meant who wrote a name that there is not.
 *
 * @module
 */

/** The nearest of the names as a question, with a space before it; nothing when none is near. */
export function suggestion(written: string, names: readonly string[]): string {
  const near = names
    .map((name) => ({ name, edits: editsBetween(written, name) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0];
  return near === undefined ? '' : ` (did you mean ${near.name}?)`;
}

/** How many letters have to be added, left out or changed. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (above[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[to.length] as number;
}
