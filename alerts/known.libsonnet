// Whether all alerts of a configuration are ours: a name that is mistyped would change nothing, in silence.
function(config) (
  local shipped = (import 'config.libsonnet')._config.alerts;
  local unknown = [alert for alert in std.objectFields(config.alerts) + config.disabled if !std.objectHas(shipped, alert)];
  assert unknown == [] : 'there is no alert ' + std.join(', ', unknown);
  true
)
