// Policies the tests write. The first is the one that the sample's page recommends for `create_session`.

export const TEN_A_MINUTE = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "create_session": {
      "limits": [
        {
          "counter": "create_session_rate",
          "window": "minute",
          "max": 10,
          "scope": "grant"
        }
      ]
    }
  }
}
`;

export const THIRTY_TOKENS = `{
"version": "1",
"default": "deny",
"tools": {
"create_widget_token": {
"limits": [
{
"counter": "create_widget_token_rate",
"window": "minute",
"max": 30,
"scope": "grant"
}
]
}
}
}`;

/** Two mistakes, each with a place of its own. */
export const WITH_MISTAKES = TEN_A_MINUTE.replace(
  '"default": "deny"',
  '"default": "refuse"',
).replace('"max": 10', '"max": -10');
