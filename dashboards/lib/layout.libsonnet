// Positions of panels. Lines are below one another and panels side by side, so nothing overlaps. One function numbers all panels.
{
  local layout = self,
  local columns = 24,

  // Panels side by side, with their own width (width::), or all with the same.
  line(height, panels):: {
    local wide = [if std.objectHasAll(panel, 'width') then panel.width else columns / std.length(panels) for panel in panels],
    local before(i) = std.foldl(function(sum, w) sum + w, wide[:i], 0),
    assert before(std.length(panels)) <= columns : 'too wide: ' + std.join(', ', [panel.title for panel in panels]),
    assert std.foldl(function(whole, w) whole && w == std.floor(w), wide, true) : 'no whole columns: ' + panels[0].title,
    height: height,
    at(y):: [panels[i] { gridPos: { x: before(i), y: y, w: wide[i], h: height } } for i in std.range(0, std.length(panels) - 1)],
  },

  // All panels, `beside` of them on each line.
  lines(height, beside, panels):: [
    layout.line(height, panels[i:i + beside])
    for i in std.range(0, std.length(panels) - 1)
    if i % beside == 0
  ],

  // Lines below a title. In Grafana's JSON the panels of a collapsed row are inside the row.
  row(title, lines, collapsed=false):: { title: title, lines: lines, collapsed: collapsed },

  local stack(lines, y) = std.foldl(
    function(done, line) { y: done.y + line.height, panels: done.panels + line.at(done.y) },
    lines,
    { y: y, panels: [] }
  ),
  local place(row, y) = (
    local head = { type: 'row', title: row.title, collapsed: row.collapsed, gridPos: { x: 0, y: y, w: columns, h: 1 } };
    local inside = stack(row.lines, y + 1);
    if row.collapsed then { y: y + 1, panels: [head { panels: inside.panels }] }
    else { y: inside.y, panels: [head { panels: [] }] + inside.panels }
  ),
  local numbered(panels, first) = std.foldl(
    function(done, panel) (
      local nested = numbered(std.get(panel, 'panels', []), done.next + 1);
      {
        next: nested.next,
        panels: done.panels + [panel { id: done.next, [if std.objectHas(panel, 'panels') then 'panels']: nested.panels }],
      }
    ),
    panels,
    { next: first, panels: [] }
  ),

  // All panels of a dashboard: lines above the first row, then the rows.
  panels(strip, rows):: (
    local top = stack(strip, 0);
    local all = std.foldl(
      function(done, row) (
        local placed = place(row, done.y);
        { y: placed.y, panels: done.panels + placed.panels }
      ),
      rows,
      top
    );
    numbered(all.panels, 1).panels
  ),
}
