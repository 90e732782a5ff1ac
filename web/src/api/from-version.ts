// The operations of the API, with the version that a change starts from: the API takes it where there is one, the
// dashboard has to give it, so that no page overwrites unseen what somebody else has written.

type Parameters = { header?: unknown };

type Given<Header> = Omit<Header, "If-Match"> & { "If-Match": string };

/** One operation. What says nothing about headers has `never` there. */
type Operation<O> = O extends { parameters: infer P extends Parameters }
  ? [NonNullable<P["header"]>] extends [never]
    ? O
    : "If-Match" extends keyof NonNullable<P["header"]>
      ? Omit<O, "parameters"> & {
          parameters: Omit<P, "header"> & { header: Given<NonNullable<P["header"]>> };
        }
      : O
  : O;

/** All operations, by path and method. */
export type FromVersion<Paths> = {
  [Path in keyof Paths]: { [Method in keyof Paths[Path]]: Operation<Paths[Path][Method]> };
};
