// Where a panel changes its colour: where the alert begins, in the colour of its severity.
{
  local thresholds = self,
  local colours = { critical: 'red', warning: 'orange', info: 'blue' },
  local colour(severity) = std.get(colours, severity, 'purple'),  // one that the operator has thought of
  // Grafana colours from a value on, alerts fire above it. 0 itself is no loss.
  local from(value) = if value == 0 then 0.000001 else value,
  local steps(first, more) = { mode: 'absolute', steps: [{ color: first, value: null }] + more },

  none:: steps('green', []),
  neutral:: steps('blue', []),
  // `settings` are alerts of config.libsonnet, or parts of them.
  above(settings, field='above'):: steps('green', [
    { color: colour(setting.severity), value: from(setting[field]) }
    for setting in std.sort(settings, function(setting) setting[field])
  ]),
  // Something that should not be there at all, by the severity of its alert.
  any(severity):: steps('green', [{ color: colour(severity), value: 1 }]),
  below(severity, value):: thresholds.orUnknown(steps(colour(severity), [{ color: 'green', value: value }])),

  // In the colour of plain text where there is no number: what is not known is not well. Nothing has less than 0.
  orUnknown(given):: (
    local first = given.steps[0];
    if first.color == 'text' then given
    else given { steps: [first { color: 'text' }, first { value: 0 }] + given.steps[1:] }
  ),
}
