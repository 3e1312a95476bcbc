// Checks objects, as a JSON list on standard input, with the schemas of Kubernetes and of the Prometheus Operator. Prints what
// is wrong, one line each, and exits 1 then.
import { readFileSync } from "node:fs";

const PACKAGES = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/monitoring.coreos.com" };
const folder = (group) => PACKAGES[group] ?? `kubernetes-models${group ? `/${group}` : ""}`;

// The validators do not mind unknown fields, as API servers once did: a field that none of them has looked at is one.
const watched = new Map();
function watch(value, path) {
  if (typeof value !== "object" || value === null) return value;
  const looked = new Set();
  const copy = Array.isArray(value) ? [] : {};
  for (const key of Object.keys(value)) copy[key] = watch(value[key], `${path}/${key}`);
  const proxy = new Proxy(copy, {
    get: (target, key) => (looked.add(key), target[key]),
    // Maps are gone through, key by key.
    ownKeys: (target) => (Object.keys(target).forEach((key) => looked.add(key)), Reflect.ownKeys(target)),
  });
  watched.set(path, { copy, looked });
  return proxy;
}

let wrong = 0;
const say = (words) => (console.log(words), wrong++);
for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const name = `${object.kind}/${object.metadata?.name}`;
  const [version, group = ""] = object.apiVersion.split("/").reverse();
  let model;
  try {
    model = (await import(`${folder(group)}/${version}/${object.kind}`))[object.kind];
  } catch {
    say(`${name}: no schema for ${object.apiVersion}`);
    continue;
  }
  watched.clear();
  const checked = new model(object);
  // `validate` of the model itself would look at the fields that it copies.
  const proxy = watch(JSON.parse(JSON.stringify(checked)), "");
  try {
    model.prototype.validate.call(proxy);
  } catch (error) {
    say(`${name}: ${error.message}`);
  }
  for (const [path, { copy, looked }] of watched)
    for (const key of Object.keys(copy)) if (!looked.has(key)) say(`${name}: unknown field ${path}/${key}`);
}
process.exit(wrong ? 1 : 0);
