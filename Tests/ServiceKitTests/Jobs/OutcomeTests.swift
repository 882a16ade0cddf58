import Contracts
import Testing

@testable import ServiceKit

struct OutcomeTests {
    private struct Surprise: Error { let secret = "token" }

    @Test(arguments: ErrorCode.allCases)
    func `The code of a thrown error decides between another attempt and a dead letter`(_ code: ErrorCode) {
        let helpless: Set<ErrorCode> = [
            .invalidPayload, .noMatch, .noSource, .expired, .verificationFailed, .unsupportedFormat, .retryExhausted,
        ]
        switch Outcome(JobError(code, "why")) {
        case .deadLetter(let error, _):
            #expect(helpless.contains(code))
            #expect(error == JobError(code, "why"))
        case .retry(let error, nil, nil, nil):
            #expect(!helpless.contains(code))
            #expect(error == JobError(code, "why"))
        default: Issue.record("\(code) means neither")
        }
    }

    @Test(arguments: [Surprise() as any Error, CancellationError()])
    func `Any other error means another attempt and reports only its type`(_ error: any Error) {
        guard case .retry(let meant, nil, nil, nil) = Outcome(error) else {
            Issue.record("it does not mean another attempt")
            return
        }
        #expect(meant.code == .internalError)
        #expect(meant.message.contains("\(type(of: error))"))
        #expect(!meant.message.contains("token"))
    }

    @Test func `Each outcome has its label`() {
        let job = JobDocument(track: Track(artist: "A", title: "T"))
        let error = JobError(.timeout, "")
        let words: [Outcome] = [
            .completed(job), .retry(error), .restart(from: .match, job, because: error),
            .snooze(until: .now, because: ""),
            .review(job, because: ""), .deadLetter(error), .cancelled(""), .duplicate(path: nil),
        ]
        #expect(words.map(\.name) == ["done", "retry", "again", "wait", "review", "dead", "cancelled", "duplicate"])
    }
}
