import Contracts
import Foundation
import Matching
import Testing

@Suite struct `What a job keeps of a decision` {
    private func section(_ offers: [OfferedFile], for track: Track = track()) -> MatchSection {
        Matcher().judge(wanted: track, offers: offers).section()
    }

    @Test func `a rejected match has the best refused files with their reasons`() throws {
        let marks = ["(Live)", "(Acoustic)", "(Demo)", "(Cat Choir)", "(Karaoke)"]
        let section = section(marks.map { offer("x/The Copper Foxes - Paper Lighthouse \($0).flac", user: $0) })
        #expect(section.outcome == .reject)
        #expect(section.candidates.isEmpty)
        #expect(section.considered == 5)
        #expect(section.leftOut == nil)
        let refused = try #require(section.refused)
        #expect(refused.count == MatchSection.maximumRefused)
        for candidate in refused {
            #expect(candidate.outcome == .reject)
            #expect(candidate.vetoes?.isEmpty == false)
            #expect(candidate.components?["title"] == 1)
        }
    }

    @Test func `an accepted match has the evidence of its files, and no refused ones`() throws {
        let section = section([
            offer("x/The Copper Foxes - Paper Lighthouse.flac"), offer("x/The Copper Foxes - Glass Harbour.flac"),
        ])
        #expect(section.outcome == .accept)
        #expect(section.refused == nil)
        #expect(section.runnerUp == nil)
        #expect(section.explanation?.contains("scored") == true)
        let first = try #require(section.candidates.first)
        #expect(section.candidates.count == 1)
        #expect(first.outcome == .accept)
        #expect(first.quality == "lossless16")
        #expect(first.vetoes == nil)
        #expect(first.components == section.components)
    }

    @Test func `a contested match has the runner-up and the margin`() throws {
        var wanted = track()
        wanted.durationMS = nil
        let path = "The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac"
        let section = section([offer(path, seconds: 235), offer(path, seconds: 260, user: "rival")], for: wanted)
        #expect(section.outcome == .review)
        let runnerUp = try #require(section.runnerUp)
        #expect(section.candidates.first?.user != runnerUp.candidate.user)
        #expect(runnerUp.margin < MatchProfile().margin)
    }

    @Test func `the section is bounded, whatever the names of the files`() throws {
        let long = String(repeating: "夜 live 'x' ", count: 1_000)
        var offers = (0..<400).map { offer("x/\(long)\($0)/The Copper Foxes - Paper Lighthouse.flac", user: "u\($0)") }
        offers += (0..<400).map { offer("The Copper Foxes - Paper Lighthouse (\(long.prefix(900)))\($0).flac") }
        let section = section(offers)
        #expect(section.candidates.count <= MatchSection.maximumCandidates)
        #expect(section.refused?.count ?? 0 <= MatchSection.maximumRefused)
        #expect(try ContractCoding.encode(section).count < 64 * 1024)
        #expect(section.outcome != .accept)
    }

    @Test func `a path that is too long for file systems is refused`() {
        let path = String(repeating: "folder/", count: 700) + "The Copper Foxes - Paper Lighthouse.flac"
        let decision = Matcher().judge(wanted: track(), offers: [offer(path)])
        #expect(decision.outcome == .reject)
        #expect(decision.section().refused == [])
        let approving = Verdicts(approved: [offer(path).key])
        #expect(Matcher().judge(wanted: track(), offers: [offer(path)], verdicts: approving).outcome == .reject)
    }

    @Test func `the section survives encoding in a job document`() throws {
        let section = section([offer("x/The Copper Foxes - Paper Lighthouse (Live).flac")])
        let data = try ContractCoding.encode(section)
        #expect(try JSONDecoder().decode(MatchSection.self, from: data) == section)
    }
}
