//! A report as bytes: human, JSON, SARIF, GitHub, Markdown, HTML, JUnit.
