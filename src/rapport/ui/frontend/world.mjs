// The countries of the world as outlines (Natural Earth, public domain, by way of world-atlas):
//
//   world.svg    one path per country, its id the two letters of ISO 3166; "land" is all of it
//   world.json   by the same letters: where its middle lies, and the box around its largest part
//
// Equal Earth, so that areas compare.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const WIDTH = 4800;
const HEIGHT = 2340;
const NEAREST = 3; // points of a border closer than that to the one before are left out
const DOT = 8; // what is smaller is drawn as a dot of this radius

/** The two letters of a country's three digits: what a language tag makes of them. */
function letters(id) {
  const region = id ? new Intl.Locale(Intl.getCanonicalLocales(`und-${id}`)[0]).region : "";
  return /^[A-Z]{2}$/.test(region) ? region : "";
}

const parts = ({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates);
const area = (polygon) => geoArea({ type: "Polygon", coordinates: polygon });

/** Thin the borders out where they are drawn finer than anybody sees; those that two countries share stay shared. */
function thin({ arcs, transform: { scale, translate } }, projection) {
  return arcs.map((arc) => {
    let [x, y] = [0, 0];
    const points = arc.map(([dx, dy]) => [(x += dx), (y += dy)]);
    const seen = points.map(([a, b]) => projection([a * scale[0] + translate[0], b * scale[1] + translate[1]]));
    let last = 0;
    const kept = points.filter((_, at) => {
      const far = Math.hypot(seen[at][0] - seen[last][0], seen[at][1] - seen[last][1]) >= NEAREST;
      if (at && at < points.length - 1 && !far) return false;
      last = at;
      return true;
    });
    return kept.map(([a, b], at) => (at ? [a - kept[at - 1][0], b - kept[at - 1][1]] : [a, b]));
  });
}

/** A polygon without the rings that were thinned to nothing (on a sphere such a ring is all that is around it). */
function sound(polygon) {
  const rings = polygon.filter((ring) => new Set(ring.map(String)).size > 2);
  return rings[0] === polygon[0] && rings[0] && area([rings[0]]) < 6 ? rings : [];
}

/** A drawing of whole numbers, each point told from the one before. */
function outline(drawing) {
  const rings = (drawing ?? "").split("M").slice(1).map((ring) => {
    const points = ring.replace("Z", "").split("L").map((point) => point.split(",").map(Math.round));
    let [x, y] = points[0];
    const steps = points.slice(1).map(([a, b]) => {
      const step = [a - x, b - y];
      [x, y] = [a, b];
      return step;
    });
    const moved = steps.filter(([a, b]) => a || b);
    return moved.length > 1 ? `M${points[0].join(" ")}l${moved.join(" ").replaceAll(",", " ").replaceAll(" -", "-")}z` : "";
  });
  return rings.join("");
}

/** Write both files; returns their names. */
export async function buildWorld(modules, out) {
  const world = JSON.parse(await readFile(path.join(modules, "world-atlas/countries-50m.json"), "utf8"));
  const projection = geoEqualEarth().rotate([-11, 0]).fitSize([WIDTH, HEIGHT], { type: "Sphere" });
  const coarse = { ...world, arcs: thin(world, projection) };
  const draw = geoPath(projection).digits(1);
  const drawn = {};
  const dots = new Set();
  const places = {};
  const rest = [];
  const thinned = feature(coarse, world.objects.countries).features;
  for (const [at, { id, geometry: whole }] of feature(world, world.objects.countries).features.entries()) {
    const code = letters(id);
    const kept = parts(thinned[at].geometry).map(sound).filter((each) => each.length);
    const geometry = kept.length ? { type: "MultiPolygon", coordinates: kept } : whole;
    const largest = parts(geometry).reduce((best, each) => (area(each) > area(best) ? each : best));
    const main = { type: "Polygon", coordinates: largest };
    const [[left, top], [right, bottom]] = draw.bounds(main);
    const [x, y] = projection(geoCentroid(main));
    const small = Math.max(right - left, bottom - top) < DOT;
    const dot = `M${Math.round(x) - DOT} ${Math.round(y)}a${DOT} ${DOT} 0 1 0 ${2 * DOT} 0a${DOT} ${DOT} 0 1 0-${2 * DOT} 0z`;
    const shape = small ? dot : outline(draw(geometry));
    if (!code) {
      rest.push(shape);
      continue;
    }
    if (small) {
      rest.push(outline(draw(whole))); // as land it is no larger than it is
      dots.add(code);
    }
    drawn[code] = (drawn[code] ?? "") + shape;
    const box = small ? [x - DOT, y - DOT, x + DOT, y + DOT] : [left, top, right, bottom];
    if (!places[code] || geoArea(geometry) > places[code].area) {
      places[code] = { area: geoArea(geometry), at: [x, y, ...box].map(Math.round) };
    }
  }
  const codes = Object.keys(drawn).sort().filter((code) => drawn[code]);
  const paths = codes.map((code) => `<path id="${code}" d="${drawn[code]}" vector-effect="non-scaling-stroke"/>`);
  const uses = codes.filter((code) => !dots.has(code)).map((code) => `<use href="#${code}"/>`).join("");
  const land = `<g id="land">${uses}<path d="${rest.join("")}" vector-effect="non-scaling-stroke"/></g>`;
  await writeFile(
    path.join(out, "world.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">\n${paths.join("\n")}\n${land}\n</svg>\n`,
  );
  const told = Object.fromEntries(codes.map((code) => [code, places[code].at]));
  await writeFile(path.join(out, "world.json"), `${JSON.stringify({ size: [WIDTH, HEIGHT], places: told })}\n`);
  return ["world.svg", "world.json"];
}
