"""Numbers as a person reads them: medians, percentiles, tables of plain text."""

import statistics


def percentile(values, percent):
    """The value that so many percent of the others do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values):
    """The middle one: a neighbour that is busy for a moment does not move it."""
    return statistics.median(values)


def heading(text, *remarks):
    """A title, and what one has to know to read the table below it."""
    print(f"\n## {text}\n")
    for remark in remarks:
        print(remark)
    if remarks:
        print()


def table(columns, rows):
    """A table with aligned columns: the first to the left, numbers to the right."""
    cells = [columns] + [[cell if isinstance(cell, str) else f"{cell:.2f}" for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    for row in [cells[0], rule, *cells[1:]]:
        first, *others = row
        print("| " + " | ".join([first.ljust(widths[0])] +
                                [cell.rjust(width) for cell, width in zip(others, widths[1:])]) + " |",
              flush=True)
