public import Contracts

/// The result of a readiness check.
public enum CheckResult: Sendable, Equatable {
    case ok
    /// The check passes with a remark, such as the mode in which a service works.
    case noted(String)
    /// The check fails: why, and what to do.
    case failing(String)

    /// Whether the check passes.
    public var isFine: Bool {
        switch self {
        case .ok, .noted: true
        case .failing: false
        }
    }
}

/// The checks of a service by name: the response to `GET /ready`.
public struct ReadinessReport: Codable, Sendable, Equatable {
    public var ok: Bool
    public var service: ServiceName
    public var checks: [String: Check]

    /// The last result of one check.
    public struct Check: Codable, Sendable, Equatable {
        public var ok: Bool
        public var reason: String?
        /// The age of the result in seconds, when the check did not report for longer than it may take.
        public var ageS: Int?

        enum CodingKeys: String, CodingKey {
            case ok, reason
            case ageS = "age_s"
        }
    }
}

extension ReadinessReport.Check {
    /// - Parameter result: `nil` when the check has not run yet.
    init(_ result: CheckResult?) {
        switch result {
        case .ok: self.init(ok: true)
        case .noted(let remark): self.init(ok: true, reason: remark)
        case .failing(let reason): self.init(ok: false, reason: reason)
        case nil: self.init(ok: false, reason: "not checked yet")
        }
    }
}
