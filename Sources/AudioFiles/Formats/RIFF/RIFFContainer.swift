/// Uncompressed samples in a WAV or AIFF file.
struct RIFFContainer: AudioContainer {
    static let wav = RIFFContainer(
        name: "wav", fileExtensions: ["wav"], signature: "RIFF", types: ["WAVE"], order: .littleEndian,
        audioChunk: "data")
    static let aiff = RIFFContainer(
        name: "aiff", fileExtensions: ["aiff", "aif"], signature: "FORM", types: ["AIFF", "AIFC"], order: .bigEndian,
        audioChunk: "SSND")

    let name: String
    let fileExtensions: [String]
    let signature: StaticString
    let types: [StaticString]
    let order: RIFFChunks.Order
    /// The name of the chunk that contains the samples.
    let audioChunk: String
    var codec: String? { "pcm" }

    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) -> Recognition {
        head.has(signature, at: 0) && types.contains { head.has($0, at: 8) } ? .yes : .no
    }

    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload {
        AudioPayload(ranges: try RIFFChunks(in: file, order: order).named(audioChunk))
    }

    /// The sample data lies within the file.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness {
        let riff = try RIFFChunks(in: file, order: order)
        guard let content = riff.named(audioChunk).first else { return .failed("the chunk \(audioChunk) is missing") }
        guard content.count > 0 else { return .failed("the chunk \(audioChunk) is empty") }
        // A recorder that could not return to the header left the largest number.
        guard content.count < 0xFFFF_FF00 else { return .unknown("the file does not state its length") }
        guard content.upperBound <= file.size, riff.statedEnd <= file.size + 1 else {
            return .failed("the file ends \(max(content.upperBound, riff.statedEnd) - file.size) bytes early")
        }
        return .passed("all \(content.count) bytes of samples are there")
    }
}
