// The first bundle: htmx and one file per behaviour. None of them knows what a deal or a party is.
import "./wire";
import "./toasts";
import "./day-list"; // before what else makes new records: here the line on top does
import "./dialogs";
import "./menus";
import "./peek";
import "./visits";
import "./field-past";
import "./popovers";
import "./redrawing";
import "./live-rows";
import "./list-cells";
import "./list-groups";
import "./selection";
import "./key-list";
import "./column-width";
import "./drag-board";
import "./pair-keys";
import "./edit-cell";
import "./combo-box";
import "./tag-box";
import "./palette-door";
import "./composer";
import "./mention-box";
import "./guard";
import "./asked";
import "./drop-file";
import "./clipped";
import "./live";
import "./settings";
import "./passkey-door";
import "./copying";
import "./level-grid";
import "./zone-board";
import htmx from "htmx.org";
import { listen } from "./keys";

document.documentElement.classList.add("scripted");
// By itself htmx starts a moment later: a key pressed in between would follow a link that it was to fetch.
(htmx as unknown as { initialize(): void }).initialize();
listen();
