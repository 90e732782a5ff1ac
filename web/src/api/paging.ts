// Lists that are read page by page, by the cursor of the API.

export interface PageOf<T> {
  items: T[];
  next_cursor?: string | null | undefined;
}

/** The options by which an infinite query follows `next_cursor`. */
export const byCursor = {
  pageParamName: "cursor",
  // Null is left out of the request; for undefined the library would send a page number.
  initialPageParam: null,
  getNextPageParam: (last: PageOf<unknown>) => last.next_cursor ?? undefined,
};

export function allItems<T>(data: { pages: PageOf<T>[] }): T[] {
  return data.pages.flatMap((page) => page.items);
}
