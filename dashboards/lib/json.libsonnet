// Readable JSON: indented by two spaces, and 0.8 as 0.8. Jsonnet itself writes 0.80000000000000004.
local number(value) = if value == std.floor(value) then std.toString(value) else '%g' % value;
local quoted(text) = (
  local json = std.toString([text]);
  std.substr(json, 1, std.length(json) - 2)
);

local manifest(value, line) = (
  local within(open, items, close) = (
    if items == [] then open + close
    else open + line + '  ' + std.join(',' + line + '  ', items) + line + close
  );
  if std.isObject(value) then
    within('{', [quoted(key) + ': ' + manifest(value[key], line + '  ') for key in std.objectFields(value)], '}')
  else if std.isArray(value) then within('[', [manifest(element, line + '  ') for element in value], ']')
  else if std.isString(value) then quoted(value)
  else if std.isNumber(value) then number(value)
  else std.toString(value)
);

function(value) manifest(value, '\n') + '\n'
