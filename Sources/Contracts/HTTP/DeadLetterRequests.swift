/// The body of `POST /api/v1/dlq/requeue`.
public struct RequeueRequest: Codable, Sendable, Equatable {
    public var ids: [String]
    public var dryRun: Bool

    public init(ids: [String], dryRun: Bool = false) {
        self.ids = ids
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case ids
        case dryRun = "dry_run"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ids = try fields.decode([String].self, forKey: .ids)
        dryRun = try fields.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
    }
}

/// The body of `POST /api/v1/dlq/purge`. It has exactly one of ``ids`` and ``olderThan``.
public struct PurgeRequest: Codable, Sendable, Equatable {
    public var ids: [String]?
    /// Dead letters that ended before this time are dropped. The JSON may hold an age instead, such as `7d`.
    public var olderThan: Timestamp?
    /// Restricts ``olderThan`` to dead letters with this reason.
    public var reason: String?
    public var dryRun: Bool

    public init(ids: [String], dryRun: Bool = false) {
        self.ids = ids
        self.dryRun = dryRun
    }

    public init(olderThan: Timestamp, reason: String? = nil, dryRun: Bool = false) {
        self.olderThan = olderThan
        self.reason = reason
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case ids, reason
        case olderThan = "older_than"
        case dryRun = "dry_run"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ids = try fields.decodeIfPresent([String].self, forKey: .ids)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        dryRun = try fields.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
        let age = try fields.decodeIfPresent(String.self, forKey: .olderThan)
        olderThan = age.flatMap { Self.time(before: $0, now: .now) }
        guard age == nil || olderThan != nil else {
            throw ContractViolation(
                path: [CodingKeys.olderThan], problem: "must be a date and time as in RFC 3339, or an age such as 7d")
        }
        guard (ids == nil) != (age == nil) else {
            throw ContractViolation(path: [], problem: "must have exactly one of ids and older_than")
        }
        guard ids == nil || reason == nil else {
            throw ContractViolation(path: [CodingKeys.reason], problem: "goes with older_than only")
        }
    }

    /// Reads a time in RFC 3339, or an age before `now`: `90s`, `15m`, `24h`, `7d`.
    public static func time(before text: String, now: Timestamp) -> Timestamp? {
        if let time = Timestamp(text) { return time }
        guard let match = text.wholeMatch(of: /([0-9]{1,6})([smhd])/), let number = Int64(match.1) else { return nil }
        let unit: Int64 =
            switch match.2 {
            case "s": 1
            case "m": 60
            case "h": 3600
            default: 86_400
            }
        return now + .seconds(-number * unit)
    }
}
