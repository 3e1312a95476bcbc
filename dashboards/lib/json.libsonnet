// JSON as it is read and compared: two spaces, and 0.8 for 0.8, where Jsonnet itself writes 0.80000000000000004. Empty `line`
// and `deeper` make one line of it.
local number(value) = if value == std.floor(value) then '%d' % value else '%g' % value;
local quoted(text) = (
  local json = std.toString([text]);
  std.substr(json, 1, std.length(json) - 2)
);

local manifest(value, line, deeper) = (
  local within(open, items, close) = (
    if items == [] then open + close
    else open + line + deeper + std.join(',' + line + deeper, items) + line + close
  );
  if std.isObject(value) then
    within('{', [quoted(key) + ': ' + manifest(value[key], line + deeper, deeper) for key in std.objectFields(value)], '}')
  else if std.isArray(value) then within('[', [manifest(element, line + deeper, deeper) for element in value], ']')
  else if std.isString(value) then quoted(value)
  else if std.isNumber(value) then number(value)
  else std.toString(value)
);

{
  pretty(value):: manifest(value, '\n', '  ') + '\n',
  compact(value):: manifest(value, '', '') + '\n',
}
