// Colours of panels: each changes at the threshold of an alert, to the colour of its severity.
{
  local thresholds = self,
  local colours = { critical: 'red', warning: 'orange', info: 'blue' },
  local colour(severity) = std.get(colours, severity, 'purple'),  // a severity from an overlay
  // Grafana's steps include the value, alerts fire above it. 0 is not a loss.
  local from(value) = if value == 0 then 0.000001 else value,
  local steps(first, more) = { mode: 'absolute', steps: [{ color: first, value: null }] + more },

  none:: steps('green', []),
  neutral:: steps('blue', []),
  // `settings`: alerts of config.libsonnet, or parts of them.
  above(settings, field='above'):: steps('green', [
    { color: colour(setting.severity), value: from(setting[field]) }
    for setting in std.sort(settings, function(setting) setting[field])
  ]),
  // A count that should be 0, by the severity of its alert.
  any(severity):: steps('green', [{ color: colour(severity), value: 1 }]),
  below(severity, value):: thresholds.orUnknown(steps(colour(severity), [{ color: 'green', value: value }])),

  // No number has the colour of plain text, because unknown is not good. No value is below 0.
  orUnknown(given):: (
    local first = given.steps[0];
    if first.color == 'text' then given
    else given { steps: [first { color: 'text' }, first { value: 0 }] + given.steps[1:] }
  ),
}
