// What was seen and done last in this browser; forgotten when signing out.
export type Seen = { title: string; url: string; icon: string };

const records = "rapport:recent";
const done = "rapport:done";

function read<T>(store: string): T[] {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "[]");
  } catch {
    return [];
  }
}

function keep<T>(store: string, list: T[]): void {
  try {
    localStorage.setItem(store, JSON.stringify(list));
  } catch {
    // private windows may refuse; then nothing is remembered
  }
}

export const seen = (): Seen[] => read<Seen>(records);
export const used = (): string[] => read<string>(done);
export const see = (now: Seen): void => keep(records, [now, ...seen().filter((each) => each.url !== now.url)].slice(0, 12));
export const use = (label: string): void => keep(done, [label, ...used().filter((each) => each !== label)].slice(0, 12));

export function forget(): void {
  try {
    [records, done].forEach((store) => localStorage.removeItem(store));
  } catch {
    // as above
  }
}
