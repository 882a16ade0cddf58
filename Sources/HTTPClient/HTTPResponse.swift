import CCurl
public import Foundation

/// A complete response of a server, with any status.
public struct HTTPResponse: Sendable, Equatable {
    public var status: Int
    public var headers: HTTPHeaders
    /// The decompressed body.
    public var body: Data

    public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200...299).contains(status) }

    /// Returns the value of `Retry-After` (RFC 9110, section 10.2.3), given in seconds or as a date; never negative.
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

    /// One year in seconds. The limit prevents an overflow in sums of durations.
    private static let longestWait: Int64 = 31_536_000
}
