// Whether a configuration can be meant so. An alert that is mistyped would change nothing, in silence.
function(config) (
  local shipped = (import 'config.libsonnet')._config.alerts;
  local unknown = [alert for alert in std.objectFields(config.alerts) + config.disabled if !std.objectHas(shipped, alert)];
  assert unknown == [] : 'there is no alert ' + std.join(', ', unknown);

  // What is not of the kind that it should be, as paths: all settings are numbers but for these.
  local words = ['severity', 'states', 'bases'];
  local wrong(settings, path) = std.flattenArrays([
    local value = settings[name], place = path + '.' + name;
    if std.isObject(value) then wrong(value, place)
    else if std.isString(value) == std.member(words, name) && std.isNumber(value) != std.member(words, name) then []
    else [place + (if std.member(words, name) then ': no text' else ': no number')]
    for name in std.objectFields(settings)
  ]);
  local found = wrong(config.alerts, 'alerts');
  assert found == [] : std.join(', ', found);
  true
)
