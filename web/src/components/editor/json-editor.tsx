import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  syntaxTree,
} from "@codemirror/language";
import { setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import type { Diagnostic } from "@/api/types";
import { completeFrom, type Vocabulary } from "@/components/editor/complete";
import type { Schema } from "@/components/editor/json-schema";
import { markFor } from "@/components/editor/marks";
import { theme } from "@/components/editor/theme";

export interface EditorHandle {
  /** Puts the cursor where a finding is, and the focus into the editor. */
  jumpTo: (diagnostic: Diagnostic) => void;
}

interface JsonEditorProps {
  label: string;
  describedBy?: string;
  value: string;
  onChange: (text: string) => void;
  onSave: () => void;
  /** What the server says of the text. */
  diagnostics: Diagnostic[];
  schema: Schema | null;
  vocabulary: Vocabulary;
  ref?: Ref<EditorHandle>;
}

/** The policy as text. It knows no rules of its own: marks come from the server, completions from the schema. */
export function JsonEditor(props: JsonEditorProps) {
  const { label, describedBy, value, diagnostics, ref } = props;
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!box.current) return;
    const editor = new EditorView({
      parent: box.current,
      doc: latest.current.value,
      extensions: [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        foldGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightSelectionMatches(),
        json(),
        theme,
        EditorState.tabSize.of(2),
        EditorView.lineWrapping,
        autocompletion({
          override: [
            completeFrom(
              () => latest.current.schema,
              () => latest.current.vocabulary,
            ),
          ],
          icons: false,
        }),
        keymap.of([
          { key: "Mod-s", run: () => (latest.current.onSave(), true) },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...completionKeymap,
          // Escape, then Tab leaves the editor: CodeMirror lets Tab through for two seconds after Escape.
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label,
          ...(describedBy && { "aria-describedby": describedBy }),
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString());
        }),
      ],
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, describedBy]);

  // A text that was changed elsewhere (a template, the builder, a version loaded) takes the place of the old one.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const text = editor.state.doc.toString();
    const marks: Mark[] = diagnostics.map((found) => ({
      ...markFor(text, syntaxTree(editor.state), found),
      severity: found.severity,
      message: found.message,
      source: found.code,
    }));
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [diagnostics]);

  useImperativeHandle(ref, () => ({
    jumpTo: (found) => {
      const editor = view.current;
      if (!editor) return;
      const { from, to } = markFor(editor.state.doc.toString(), syntaxTree(editor.state), found);
      editor.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      editor.focus();
    },
  }));

  return <div ref={box} className="h-full min-h-0 [&>.cm-editor]:h-full" />;
}
