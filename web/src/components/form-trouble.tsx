import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Edit } from "@/lib/use-edit";

interface FormTroubleProps<Values> {
  form: Edit<Values>;
  /** How a value reads, with its name: `Name: Sample shop`. */
  words: { [Name in keyof Values]?: (values: Values) => string };
}

/** Why a form over something that others may change, too, was not saved; and what they changed meanwhile. */
export function FormTrouble<Values>({ form, words }: FormTroubleProps<Values>) {
  const { meanwhile, failure } = form;
  const failed = failure && <Notice tone="error">{failure}</Notice>;
  if (!meanwhile) return failed;
  const list = (isKept: boolean) =>
    meanwhile.changes
      .filter((change) => change.isKept === isKept)
      .map(({ name }) => words[name]?.(meanwhile.now) ?? String(name));
  return (
    <>
      {failed}
      <div role="alert">
        <Notice tone="warning">
          <p className="font-semibold">Somebody else changed this meanwhile.</p>
          <Changes lead="It is shown as it is now:" changes={list(false)} />
          <Changes
            lead="What you typed is kept, and saving it puts it in place of:"
            changes={list(true)}
          />
          <Button size="sm" className="mt-2" onClick={form.discard}>
            Discard what I typed
          </Button>
        </Notice>
      </div>
    </>
  );
}

function Changes({ lead, changes }: { lead: string; changes: string[] }) {
  if (changes.length === 0) return null;
  return (
    <>
      <p className="mt-1">{lead}</p>
      <ul className="list-disc pl-5">
        {changes.map((change) => (
          <li key={change} className="break-words">
            {change}
          </li>
        ))}
      </ul>
    </>
  );
}
