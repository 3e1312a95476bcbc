// Checks a configuration. Without this check, a mistyped name of an alert or setting has no effect and gives no error.
function(config) (
  local all = (import 'config.libsonnet')._config, shipped = all.alerts;
  local unknownSettings = [name for name in std.objectFields(config) if !std.objectHas(all, name)];
  assert unknownSettings == [] : 'no such setting: ' + std.join(', ', unknownSettings);
  local unknown = [alert for alert in std.objectFields(config.alerts) + config.disabled if !std.objectHas(shipped, alert)];
  assert unknown == [] : 'there is no alert ' + std.join(', ', unknown);

  // The paths of settings that do not exist or have the wrong type. All settings are numbers, except these.
  local texts = ['severity', 'states', 'bases'];
  local wrong(settings, known, path) = std.flattenArrays([
    local value = settings[name], place = path + '.' + name;
    if !std.objectHas(known, name) then [place + ': no such setting']
    else if std.isObject(value) && std.isObject(known[name]) then wrong(value, known[name], place)
    else (
      local wanted = if std.member(texts, name) then 'string' else 'number';
      if std.type(value) != wanted then ['%s: has to be a %s' % [place, wanted]]
      else if wanted == 'number' && value < 0 then ['%s: is negative' % place]
      else []
    )
    for name in std.objectFields(settings)
  ]);
  local found = wrong(config.alerts, shipped, 'alerts');
  assert found == [] : std.join(', ', found);

  // The parts of an alert need different severities. An alert starts above `above`, and ends when the value is not above `until`.
  local parts(setting) = [setting] + std.flattenArrays([parts(part) for part in std.objectValues(setting) if std.isObject(part)]);
  local severities(setting) = std.set([part.severity for part in parts(setting) if std.objectHas(part, 'severity')]);
  local mixed = std.flattenArrays([
    local setting = config.alerts[alert];
    if std.length(severities(setting)) == std.length(severities(shipped[alert])) then []
    else ['alerts.%s: its parts need different severities' % alert]
    for alert in std.objectFields(config.alerts)
  ] + [
    ['alerts.%s: until (%g) has to be below above (%g)' % [alert, part.until, part.above]]
    for alert in std.objectFields(config.alerts)
    for part in parts(config.alerts[alert])
    if std.objectHas(part, 'until') && part.until >= part.above
  ]);
  assert mixed == [] : std.join(', ', mixed);
  true
)
