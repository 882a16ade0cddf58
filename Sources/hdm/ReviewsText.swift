import Contracts
import Foundation

/// The gateway's answers about matches, as people read them.
enum ReviewsText {
    /// A page of reviews.
    static func list(_ page: JSONValue) -> String {
        let items = page.list("items")
        guard !items.isEmpty else { return "No match waits for you." }
        var table = TextTable("JOB", "ASKED", "STATUS", "SCORE", "FILES", "TRACK", "WHY")
        for item in items {
            table.add(
                item.text("job_id"), item.text("asked_at"), item.text("status"), item.share("score"),
                item.text("candidates"), track(item), item.text("because"))
        }
        let total = page["total"]?.integerValue ?? 0
        return table.text + (total > items.count ? "\n\(items.count) of \(total)" : "")
    }

    /// A review with its evidence.
    static func review(_ review: JSONValue) -> String {
        var parts = [
            "\(track(review["track"] ?? review))\nreview \(review.text("status")), asked \(review.text("asked_at")): "
                + review.text("because").harmless
        ]
        if let decision = review["decision"] { parts.append(outcome(of: decision)) }
        return (parts + evidence(review)).joined(separator: "\n\n")
    }

    /// Why a job's match was decided as it was.
    static func match(_ match: JSONValue) -> String {
        let verdict = "\(match.text("outcome")) (score \(match.share("score"))), decided \(match.text("at"))"
        var parts = [
            "\(track(match))\njob \(match.text("job_id")): \(match.text("state"))\n\(verdict)"
        ]
        if let explanation = match["explanation"]?.stringValue { parts.append(explanation.harmless) }
        if let review = match["review"] {
            let by = review["resolved_by"]?.stringValue.map { " by \($0)" } ?? ""
            let at = review["resolved_at"]?.stringValue.map { ", \($0)" } ?? ""
            parts.append("review: \(review.text("status"))\(at)\(by)".harmless)
        }
        return (parts + evidence(match)).joined(separator: "\n\n")
    }

    /// What became of a decision.
    static func outcome(of decision: JSONValue) -> String {
        switch decision.text("decision") {
        case "approve": "approved: \(decision.list("keys").compactMap(\.stringValue).joined().harmless)"
        case "reject" where decision.text("status") == "open":
            "rejected \(decision.list("keys").count); \(decision.text("remaining")) still to decide"
        case "reject": "rejected all; the job is cancelled, and these files are not offered again"
        default: "searching again for: \(decision.text("query").harmless)"
        }
    }

    private static func track(_ value: JSONValue) -> String {
        let album = value["album"]?.stringValue.map { " (\($0))" } ?? ""
        return "\(value.text("artist")) - \(value.text("title"))\(album)".harmless
    }
}

// MARK: - Evidence

extension ReviewsText {
    private static func evidence(_ match: JSONValue) -> [String] {
        var parts: [String] = []
        if !match.list("candidates").isEmpty { parts.append("CANDIDATES\n" + files(match.list("candidates"))) }
        if !match.list("refused").isEmpty { parts.append("REFUSED\n" + files(match.list("refused"))) }
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
                search["remembered"] == true ? "not asked: had nothing lately" : search.text("took_ms"))
        }
        return table.text
    }
}

extension JSONValue {
    /// The elements of a list; none when there is no such list.
    func list(_ name: String) -> [JSONValue] {
        if case .array(let elements)? = self[name] { elements } else { [] }
    }

    /// A text or a whole number as text; empty when it is absent.
    fileprivate func text(_ name: String) -> String {
        self[name]?.stringValue ?? self[name]?.integerValue.map(String.init) ?? ""
    }

    /// A number with two digits behind the point; empty when it is absent.
    fileprivate func share(_ name: String) -> String {
        switch self[name] {
        case .number(let number): String(format: "%.2f", number)
        case .integer(let number): String(format: "%.2f", Double(number))
        default: ""
        }
    }
}
