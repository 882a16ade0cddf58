/// The origin of a job. It decides the default priority.
public enum JobKind: String, CaseIterable, Codable, Sendable {
    case manual, watchlist, backfill

    /// The priority of jobs of this kind: 0 … 9; higher runs first.
    public var defaultPriority: Int {
        switch self {
        case .manual: 6
        case .watchlist: 4
        case .backfill: 2
        }
    }
}
