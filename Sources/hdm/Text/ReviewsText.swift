import Contracts

/// The gateway's responses about matches as text for people.
enum ReviewsText {
    /// Returns a page of reviews.
    static func list(_ page: JSONValue) -> String {
        let items = page.list("items")
        guard !items.isEmpty else { return "No match waits for you." }
        var table = TextTable("JOB", "SINCE", "STATUS", "SCORE", "FILES", "TRACK", "WHY")
        for item in items {
            table.add(
                item.text("job_id"), item.text("asked_at"), item.text("status"), item.share("score"),
                item.text("candidates"), track(item), item.text("because"))
        }
        let total = page["total"]?.integerValue ?? 0
        return table.text + (total > items.count ? "\n\(items.count) of \(total)" : "")
    }

    /// Returns a review with its evidence.
    static func review(_ review: JSONValue) -> String {
        var parts = [
            "\(track(review["track"] ?? review))\nreview \(review.text("status")), since \(review.text("asked_at")): "
                + review.text("because").harmless
        ]
        if let decision = review["decision"] { parts.append(outcome(of: decision)) }
        return (parts + evidence(review)).joined(separator: "\n\n")
    }

    /// Returns the decision about a job's match with its reasons.
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

    /// Returns the result of a person's decision.
    static func outcome(of decision: JSONValue) -> String {
        switch decision.text("decision") {
        case "approve": "approved: \(decision.list("keys").compactMap(\.stringValue).joined().harmless)"
        case "reject" where decision.text("status") == "open":
            "rejected \(decision.list("keys").count); \(decision.text("remaining")) still to decide"
        case "reject": "rejected all; the job is cancelled, and these files are not candidates again"
        default: "searching again for: \(decision.text("query").harmless)"
        }
    }

    private static func track(_ value: JSONValue) -> String {
        let album = value["album"]?.stringValue.map { " (\($0))" } ?? ""
        return "\(value.text("artist")) - \(value.text("title"))\(album)".harmless
    }
}
