// Makes the tables of a page sortable that say they may be sorted.

import { sortable } from "./sorting.js";

for (const table of document.querySelectorAll<HTMLTableElement>("table[data-sortable]")) sortable(table);
