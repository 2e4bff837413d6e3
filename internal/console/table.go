package console

import "strings"

// Align is rows as lines in which the cells of one column begin below each other. The cells of a row without a second one, and the last
// cell of a row, do not widen their column; a row without a second cell begins a new table.
func Align(rows [][]string) []string {
	lines := make([]string, 0, len(rows))
	for first := 0; first < len(rows); {
		end := first + 1
		for end < len(rows) && len(rows[first]) > 1 && len(rows[end]) > 1 {
			end++
		}
		var widths []int
		for _, row := range rows[first:end] {
			for i, cell := range row[:max(len(row)-1, 0)] {
				if i == len(widths) {
					widths = append(widths, 0)
				}
				widths[i] = max(widths[i], Width(cell))
			}
		}
		for _, row := range rows[first:end] {
			var b strings.Builder
			for i, cell := range row {
				b.WriteString(cell)
				if i+1 < len(row) {
					b.WriteString(strings.Repeat(" ", widths[i]-Width(cell)+2))
				}
			}
			lines = append(lines, b.String())
		}
		first = end
	}
	return lines
}
