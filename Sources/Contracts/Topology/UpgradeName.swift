/// The names of the temporary queues and exchanges of `hdm topology upgrade`.
///
/// They are fixed, so that a second run finds what an interrupted one left.
public enum UpgradeName {
    private static let prefix = "hdm.upgrade:"

    /// The queue for messages that arrive while `queue` is declared anew.
    public static func arrivals(_ queue: String) -> String { "\(prefix)arrivals:\(queue)" }

    /// The queue with the messages that `queue` had.
    public static func held(_ queue: String) -> String { "\(prefix)held:\(queue)" }

    /// The fanout exchange through which messages that were published to `exchange` move to `queue`.
    ///
    /// A message keeps its routing key on the way, and the name keeps the original exchange.
    public static func exchange(_ exchange: String, to queue: String) -> String { "\(prefix)from:\(exchange):\(queue)" }

    /// Returns the exchange that a delivery was published to: `exchange` itself, or the original one of a message that an
    /// upgrade moved.
    public static func originalExchange(_ exchange: String) -> String {
        let start = "\(prefix)from:"
        guard exchange.hasPrefix(start) else { return exchange }
        return String(exchange.dropFirst(start.count).prefix { $0 != ":" })
    }
}
