import CCurl
public import Foundation

/// What a server answered; any status is an answer, not an error.
public struct HTTPResponse: Sendable, Equatable {
    public var status: Int
    public var headers: HTTPHeaders
    /// Decompressed. Empty for a download that made a file.
    public var body: Data

    public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200...299).contains(status) }

    /// How long the server asks to wait (RFC 9110, section 10.2.3), given as seconds or as a date; never negative.
    public func retryAfter(now: Date = Date()) -> Duration? {
        guard let value = headers["Retry-After"]?.trimmingCharacters(in: .whitespaces), !value.isEmpty else {
            return nil
        }
        if let seconds = Int64(value) {
            return seconds >= 0 ? .seconds(min(seconds, Self.longestWait)) : nil
        }
        let date = curl_getdate(value, nil)
        guard date != -1 else { return nil }
        let wait = TimeInterval(date) - now.timeIntervalSince1970
        return .seconds(max(0, min(wait, Double(Self.longestWait))))
    }

    /// A year in seconds: more is no answer, and would overflow sums of durations.
    private static let longestWait: Int64 = 31_536_000
}

/// How far a download has come.
public struct HTTPProgress: Sendable, Equatable {
    /// Bytes received so far.
    public var received: Int64
    /// Bytes in all, where the server said so.
    public var expected: Int64?

    public init(received: Int64, expected: Int64?) {
        self.received = received
        self.expected = expected
    }
}
