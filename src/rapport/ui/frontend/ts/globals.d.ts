// What the browser or a package has and its types do not say.
import type htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
    earlyKeys?: () => KeyboardEvent[]; // public/early.js
  }
}
