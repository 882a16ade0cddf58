import Contracts

// The evidence for a decision.
extension ReviewsText {
    static func evidence(_ match: JSONValue) -> [String] {
        var parts: [String] = []
        if !match.list("candidates").isEmpty { parts.append("CANDIDATES\n" + files(match.list("candidates"))) }
        if !match.list("refused").isEmpty { parts.append("REJECTED\n" + files(match.list("refused"))) }
        if let runnerUp = match["runner_up"], let file = runnerUp["candidate"] {
            parts.append("RUNNER-UP, another recording, \(runnerUp.share("margin")) behind\n" + files([file]))
        }
        if !match.list("searches").isEmpty { parts.append("SEARCHES\n" + searches(match.list("searches"))) }
        return parts
    }

    private static func files(_ files: [JSONValue]) -> String {
        var table = TextTable("#", "SCORE", "QUALITY", "SOURCE", "FILE", "PARTS", "AGAINST IT", "KEY")
        for file in files {
            table.add(
                file.text("index"), file.share("score"), file.text("quality"),
                [file.text("source"), file.text("user")].filter { !$0.isEmpty }.joined(separator: "/"),
                file.text("path"), parts(file["components"]), vetoes(file), file.text("key"))
        }
        return table.text
    }

    private static func parts(_ components: JSONValue?) -> String {
        guard case .object(let members)? = components else { return "" }
        return members.keys.sorted().map { "\($0) \(JSONValue.object(members).share($0))" }.joined(separator: ", ")
    }

    private static func vetoes(_ file: JSONValue) -> String {
        file.list("vetoes").map { "\($0.text("kind")): \($0.text("reason"))" }.joined(separator: "; ")
    }

    private static func searches(_ searches: [JSONValue]) -> String {
        var table = TextTable("SOURCE", "KIND", "WORDS", "FILES", "NEW", "USABLE", "MS")
        for search in searches {
            table.add(
                search.text("source"), search.text("rung"), search.text("query"), search.text("offers"),
                search.text("new"), search.text("usable"),
                search["remembered"] == true ? "skipped: no results recently" : search.text("took_ms"))
        }
        return table.text
    }
}
