// YAML as std.manifestYamlDoc(value, indent_array_in_object=true, quote_keys=false) writes it, in a tenth of the time: that one
// looks at every letter, in Jsonnet. Keys have to be plain words, and there are no empty lists.
local quoted(text) = (
  local json = std.toString([text]);
  std.substr(json, 1, std.length(json) - 2)
);

local manifest(value, indent) =
  if std.isObject(value) then
    if value == {} then ' {}' else std.join('', ['\n' + indent + key + ':' + manifest(value[key], indent + '  ') for key in std.objectFields(value)])
  else if std.isArray(value) then
    std.join('', ['\n' + indent + '-' + item(element, indent + '  ') for element in value])
  else if std.isString(value) then
    if std.endsWith(value, '\n') then ' |' + std.join('', ['\n' + indent + line for line in std.split(std.substr(value, 0, std.length(value) - 1), '\n')])
    else ' ' + quoted(value)
  else ' ' + value,
      // The first key of an object stands beside the dash.
      item(element, indent) =
  if !std.isObject(element) then manifest(element, indent)
  else (
    local keys = std.objectFields(element);
    ' ' + keys[0] + ':' + manifest(element[keys[0]], indent + '  ') +
    std.join('', ['\n' + indent + key + ':' + manifest(element[key], indent + '  ') for key in keys[1:]])
  );

function(value) std.lstripChars(manifest(value, ''), '\n') + '\n'
