// How well a command fits what was typed: prefixes before words, words before slips of the finger. No page, no server.

const accents = /\p{M}/gu;

/** Text as it is compared: without case and accents. */
export const fold = (text: string): string => text.normalize("NFD").replace(accents, "").toLocaleLowerCase();

const parts = (text: string): string[] => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** True when `word` is the beginning of `whole`, give or take one letter. */
export function slipped(word: string, whole: string): boolean {
  if (word.length < 4) return false;
  for (const size of [word.length - 1, word.length, word.length + 1]) {
    if (near(word, whole.slice(0, size))) return true;
  }
  return false;
}

/** One letter more, less, other, or two changed places. */
function near(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const rest = (x: string, by: number) => x.slice(at + by);
  if (a.length !== b.length) return a.length > b.length ? rest(a, 1) === rest(b, 0) : rest(a, 0) === rest(b, 1);
  return rest(a, 1) === rest(b, 1) || (a[at] === b[at + 1] && a[at + 1] === b[at] && rest(a, 2) === rest(b, 2));
}

/** 0 (does not fit) to 100 (the very words). `more`: other words the command is known by. */
export function score(typed: string, label: string, more = ""): number {
  const sought = parts(typed);
  if (!sought.length) return 0;
  const held = parts(label);
  const whole = held.join(" ");
  const asked = sought.join(" ");
  if (asked === whole) return 100;
  if (whole.startsWith(asked)) return 92;
  if (sought.every((word) => held.some((each) => each.startsWith(word)))) return 84;
  const known = [...held, ...parts(more)];
  if (sought.every((word) => known.some((each) => each.startsWith(word)))) return 72;
  const first = held.map((each) => each[0]).join("");
  if (sought.length === 1 && asked.length > 1 && first.startsWith(asked)) return 60;
  return sought.every((word) => known.some((each) => each.startsWith(word) || slipped(word, each))) ? 48 : 0;
}

/** What follows a command's own words: `rest("call ernst", "Log call with", "phone")` is "ernst". Null when it does not begin so. */
export function rest(typed: string, label: string, more = ""): string | null {
  const asked = parts(typed);
  const named = parts(label);
  const ways = [...named.map((_, at) => named.slice(0, at + 1)), ...parts(more).map((word) => [word])];
  const fit = ways.filter((way) => way.length < asked.length && way.every((word, at) => asked[at] === word));
  const longest = Math.max(0, ...fit.map((way) => way.length));
  if (!longest) return null;
  // As it was typed, not as it is compared.
  let text = typed.trimStart();
  for (let at = 0; at < longest; at++) text = text.replace(/^[\p{L}\p{N}\p{M}]+[^\p{L}\p{N}]*/u, "");
  return text;
}
