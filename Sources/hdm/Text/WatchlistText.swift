import Contracts

/// The watchlist as text for people.
enum WatchlistText {
    static func list(_ response: JSONValue) -> String {
        guard case .array(let items)? = response["items"], !items.isEmpty else { return "nothing is watched" }
        var table = TextTable("KEY", "PRIORITY", "NEXT", "STATE")
        for item in items {
            table.add(
                item["artist_key"]?.stringValue ?? "", item["priority"]?.integerValue.map { "\($0)" } ?? "",
                item["next_due"]?.stringValue ?? "", state(of: item))
        }
        return table.text
    }

    private static func state(of item: JSONValue) -> String {
        if item["paused"] == .bool(true) {
            return "paused" + (item["pause_reason"]?.stringValue.map { ": \($0)" } ?? "")
        }
        if let problem = item["error"]?["message"]?.stringValue { return problem }
        return item["running"] == .bool(true) ? "checking" : "watched"
    }
}
